-- The mix can be had as MP3 and .m4a, too.
ALTER TABLE app.renders DROP CONSTRAINT renders_format_check, DROP CONSTRAINT renders_check;
ALTER TABLE app.renders
  ADD CONSTRAINT renders_format_check
    CHECK (format IN ('mp3', 'opus', 'cfr', 'mix', 'mix-mp3', 'mix-m4a', 'grid')),
  ADD CONSTRAINT renders_check
    CHECK ((stem_id IS NULL) = (format IN ('mix', 'mix-mp3', 'mix-m4a', 'grid')));
