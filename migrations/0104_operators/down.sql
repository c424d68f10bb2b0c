DROP TABLE operator_events, login_failures, recovery_codes, operator_devices, operator_sessions,
    operator_links, operators;
DROP FUNCTION refuse_change();
