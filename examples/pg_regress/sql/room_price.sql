-- The extension's functions, in tables as the service has them
CREATE TABLE stay (id int PRIMARY KEY, rate numeric(8, 2), first_night date, last_night date);
INSERT INTO stay VALUES (1, 90, '2026-05-01', '2026-05-03'), (2, 120, '2026-05-02', '2026-05-02');
SELECT id, room_price(rate, first_night, last_night), weekend_price(rate, first_night) FROM stay ORDER BY id;
-- What the service lacks fails here as well
CREATE TABLE bill (id serial PRIMARY KEY);
CREATE INDEX ON stay (first_night);
TRUNCATE stay;
