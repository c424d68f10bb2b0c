-- Which copies of sessions in Redis may be used: those made in this epoch, once it has lasted for a
-- while. Who cannot tell Redis of a write begins new ones until Redis hears again.
CREATE TABLE session_cache (
    present boolean PRIMARY KEY DEFAULT true CHECK (present),
    epoch   text NOT NULL
);
INSERT INTO session_cache (epoch) VALUES ('');
