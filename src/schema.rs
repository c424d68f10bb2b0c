// @generated automatically by Diesel CLI.

diesel::table! {
    catalogue_changes (transaction) {
        transaction -> Int8,
        everything -> Bool,
        movies -> Array<Int4>,
        people -> Array<Int4>,
        tags -> Array<Int4>,
    }
}

diesel::table! {
    catalogue_log (version) {
        version -> Int8,
        everything -> Bool,
        movies -> Array<Int4>,
        people -> Array<Int4>,
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
    changes (id) {
        id -> Int8,
        at -> Timestamptz,
        operator_id -> Nullable<Int4>,
        actor -> Text,
        action -> Text,
        kind -> Text,
        subject_id -> Int4,
        subject -> Text,
        version -> Int4,
        diff -> Jsonb,
        note -> Nullable<Text>,
        batch -> Nullable<Int8>,
        reverts -> Nullable<Int8>,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    credits (movie_id, role, position) {
        movie_id -> Int4,
        person_id -> Int4,
        position -> Int2,
        role -> Text,
        character -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (id) {
        id -> Int8,
        kind -> Text,
        state -> Text,
        operator_id -> Nullable<Int4>,
        options -> Jsonb,
        done -> Int4,
        total -> Int4,
        result -> Jsonb,
        heartbeat_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    login_failures (subject) {
        subject -> Bytea,
        window_start -> Timestamptz,
        failures -> Int4,
    }
}

diesel::table! {
    merged (kind, from_id) {
        kind -> Text,
        from_id -> Int4,
        into_id -> Int4,
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
    movie_links (movie_id) {
        movie_id -> Int4,
        text -> Nullable<Text>,
        url -> Nullable<Text>,
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
        synopsis -> Nullable<Text>,
        synopsis_source_id -> Nullable<Int4>,
        synopsis_url -> Nullable<Text>,
        added_at -> Timestamptz,
        version -> Int4,
        held -> Array<Text>,
    }
}

diesel::table! {
    notices (slug) {
        slug -> Text,
        level -> Text,
        text -> Text,
        active -> Bool,
        id -> Int4,
        version -> Int4,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
    }
}

diesel::table! {
    old_slugs (kind, slug) {
        kind -> Text,
        slug -> Text,
        subject_id -> Int4,
    }
}

diesel::table! {
    operator_devices (token_hash) {
        token_hash -> Bytea,
        operator_id -> Int4,
        last_used_at -> Timestamptz,
    }
}

diesel::table! {
    operator_events (id) {
        id -> Int8,
        at -> Timestamptz,
        operator_id -> Nullable<Int4>,
        actor -> Text,
        event -> Text,
        network -> Nullable<Text>,
        detail -> Jsonb,
    }
}

diesel::table! {
    operator_links (token_hash) {
        token_hash -> Bytea,
        operator_id -> Int4,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    operator_sessions (key_hash) {
        key_hash -> Bytea,
        record -> Bytea,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    operators (id) {
        id -> Int4,
        name -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        totp_secret -> Nullable<Bytea>,
        totp_step -> Nullable<Int8>,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        created_by -> Nullable<Int4>,
        version -> Int4,
    }
}

diesel::table! {
    people (id) {
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
        version -> Int4,
        held -> Array<Text>,
    }
}

diesel::table! {
    recovery_codes (code_hash) {
        code_hash -> Bytea,
        operator_id -> Int4,
        used_at -> Nullable<Timestamptz>,
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
        version -> Int4,
    }
}

diesel::table! {
    trash (id) {
        id -> Int8,
        kind -> Text,
        subject_id -> Int4,
        title -> Text,
        slug -> Text,
        record -> Nullable<Jsonb>,
        identity -> Jsonb,
        reason -> Text,
        change_id -> Int8,
        trashed_at -> Timestamptz,
        purge_at -> Timestamptz,
    }
}

diesel::joinable!(credits -> movies (movie_id));
diesel::joinable!(credits -> people (person_id));
diesel::joinable!(movie_identifiers -> movies (movie_id));
diesel::joinable!(movie_links -> movies (movie_id));
diesel::joinable!(movie_tags -> movies (movie_id));
diesel::joinable!(movie_tags -> tags (tag_id));
diesel::joinable!(movies -> sources (synopsis_source_id));
diesel::joinable!(operator_devices -> operators (operator_id));
diesel::joinable!(operator_events -> operators (operator_id));
diesel::joinable!(operator_links -> operators (operator_id));
diesel::joinable!(people -> sources (biography_source_id));
diesel::joinable!(recovery_codes -> operators (operator_id));

diesel::allow_tables_to_appear_in_same_query!(credits, movies,);
diesel::allow_tables_to_appear_in_same_query!(credits, people, sources,);
diesel::allow_tables_to_appear_in_same_query!(movie_identifiers, movies,);
diesel::allow_tables_to_appear_in_same_query!(movie_links, movies,);
diesel::allow_tables_to_appear_in_same_query!(movie_tags, movies, tags,);
diesel::allow_tables_to_appear_in_same_query!(movies, sources,);
diesel::allow_tables_to_appear_in_same_query!(operator_devices, operators,);
diesel::allow_tables_to_appear_in_same_query!(operator_events, operators,);
diesel::allow_tables_to_appear_in_same_query!(operator_links, operators,);
diesel::allow_tables_to_appear_in_same_query!(operators, recovery_codes,);
