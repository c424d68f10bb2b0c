/// A field of a record, named as in the JSON form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Slug,
    Title,
    OriginalTitle,
    Year,
    Released,
    Runtime,
    Directors,
    Genres,
    Tags,
    Country,
    Language,
    Cast,
    Synopsis,
    /// A synopsis that counts as Wikipedia's beside a `wikipedia` link.
    Plot,
    Source,
    SourceUrl,
    Licence,
    LicenceUrl,
    Wikidata,
    Imdb,
    Tmdb,
    Wikipedia,
    Movielens,
    Omdb,
    /// The identifier that the list itself gives the movie.
    Id,
    /// Identifiers of several lists, as an object of list name and identifier.
    Ids,
    /// An address that may hold one of the identifiers above.
    Link,
    /// The position of the movie in its list.
    Rank,
    SortName,
    Born,
    Died,
    Biography,
}

impl Key {
    pub const ALL: [Self; 32] = [
        Self::Slug,
        Self::Title,
        Self::OriginalTitle,
        Self::Year,
        Self::Released,
        Self::Runtime,
        Self::Directors,
        Self::Genres,
        Self::Tags,
        Self::Country,
        Self::Language,
        Self::Cast,
        Self::Synopsis,
        Self::Plot,
        Self::Source,
        Self::SourceUrl,
        Self::Licence,
        Self::LicenceUrl,
        Self::Wikidata,
        Self::Imdb,
        Self::Tmdb,
        Self::Wikipedia,
        Self::Movielens,
        Self::Omdb,
        Self::Id,
        Self::Ids,
        Self::Link,
        Self::Rank,
        Self::SortName,
        Self::Born,
        Self::Died,
        Self::Biography,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Slug => "slug",
            Self::Title => "title",
            Self::OriginalTitle => "original_title",
            Self::Year => "year",
            Self::Released => "released",
            Self::Runtime => "runtime",
            Self::Directors => "directors",
            Self::Genres => "genres",
            Self::Tags => "tags",
            Self::Country => "country",
            Self::Language => "language",
            Self::Cast => "cast",
            Self::Synopsis => "synopsis",
            Self::Plot => "plot",
            Self::Source => "source",
            Self::SourceUrl => "source_url",
            Self::Licence => "licence",
            Self::LicenceUrl => "licence_url",
            Self::Wikidata => "wikidata",
            Self::Imdb => "imdb",
            Self::Tmdb => "tmdb",
            Self::Wikipedia => "wikipedia",
            Self::Movielens => "movielens",
            Self::Omdb => "omdb",
            Self::Id => "id",
            Self::Ids => "ids",
            Self::Link => "link",
            Self::Rank => "rank",
            Self::SortName => "sort_name",
            Self::Born => "born",
            Self::Died => "died",
            Self::Biography => "biography",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// Whether the field holds several values.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::Directors
                | Self::Genres
                | Self::Tags
                | Self::Country
                | Self::Language
                | Self::Cast
                | Self::Ids
                | Self::Link
        )
    }

    /// Whether the values are names of people.
    pub fn is_people(self) -> bool {
        matches!(self, Self::Directors | Self::Cast)
    }

    /// Whether records of anything may have the field, as genres have an `id`.
    pub fn is_incidental(self) -> bool {
        matches!(self, Self::Id | Self::Ids | Self::Link | Self::Rank)
    }

    /// Whether only a movie has the field: a record with it and without a title is no person's.
    pub fn is_movie_only(self) -> bool {
        matches!(
            self,
            Self::OriginalTitle
                | Self::Year
                | Self::Released
                | Self::Runtime
                | Self::Genres
                | Self::Tags
                | Self::Language
                | Self::Cast
                | Self::Synopsis
                | Self::Plot
        )
    }
}
