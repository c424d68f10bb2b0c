// @generated automatically by Diesel CLI.

diesel::table! {
    catalogue_changes (transaction) {
        transaction -> Int8,
        everything -> Bool,
        movies -> Array<Int4>,
        directors -> Array<Int4>,
        tags -> Array<Int4>,
    }
}

diesel::table! {
    catalogue_log (version) {
        version -> Int8,
        everything -> Bool,
        movies -> Array<Int4>,
        directors -> Array<Int4>,
        tags -> Array<Int4>,
    }
}

diesel::table! {
    catalogue_version (present) {
        present -> Bool,
        version -> Int8,
    }
}

diesel::table! {
    directors (id) {
        id -> Int4,
        slug -> Text,
        name -> Text,
        sort_name -> Text,
        born -> Nullable<Int2>,
        died -> Nullable<Int2>,
        country -> Nullable<Text>,
        biography -> Nullable<Text>,
        biography_source_id -> Nullable<Int4>,
        biography_url -> Nullable<Text>,
        imdb -> Nullable<Text>,
    }
}

diesel::table! {
    movie_directors (movie_id, position) {
        movie_id -> Int4,
        director_id -> Int4,
        position -> Int2,
    }
}

diesel::table! {
    movie_identifiers (movie_id, scheme) {
        movie_id -> Int4,
        scheme -> Text,
        value -> Text,
    }
}

diesel::table! {
    movie_tags (movie_id, position) {
        movie_id -> Int4,
        tag_id -> Int4,
        position -> Int2,
    }
}

diesel::table! {
    movies (id) {
        id -> Int4,
        slug -> Text,
        title -> Text,
        original_title -> Nullable<Text>,
        sort_title -> Text,
        year -> Nullable<Int2>,
        released_on -> Nullable<Date>,
        runtime -> Nullable<Int2>,
        countries -> Array<Text>,
        languages -> Array<Text>,
        actors -> Array<Text>,
        synopsis -> Nullable<Text>,
        synopsis_source_id -> Nullable<Int4>,
        synopsis_url -> Nullable<Text>,
        added_at -> Timestamptz,
    }
}

diesel::table! {
    notices (slug) {
        slug -> Text,
        level -> Text,
        text -> Text,
        active -> Bool,
    }
}

diesel::table! {
    sources (id) {
        id -> Int4,
        name -> Text,
        url -> Nullable<Text>,
        licence -> Text,
        licence_url -> Nullable<Text>,
    }
}

diesel::table! {
    tags (id) {
        id -> Int4,
        slug -> Text,
        name -> Text,
    }
}

diesel::joinable!(directors -> sources (biography_source_id));
diesel::joinable!(movie_directors -> directors (director_id));
diesel::joinable!(movie_directors -> movies (movie_id));
diesel::joinable!(movie_identifiers -> movies (movie_id));
diesel::joinable!(movie_tags -> movies (movie_id));
diesel::joinable!(movie_tags -> tags (tag_id));
diesel::joinable!(movies -> sources (synopsis_source_id));

diesel::allow_tables_to_appear_in_same_query!(directors, movie_directors, sources,);
diesel::allow_tables_to_appear_in_same_query!(movie_directors, movies,);
diesel::allow_tables_to_appear_in_same_query!(movie_identifiers, movies,);
diesel::allow_tables_to_appear_in_same_query!(movie_tags, movies, tags,);
diesel::allow_tables_to_appear_in_same_query!(movies, sources,);
