CREATE FUNCTION room_price(rate numeric, first_night date, last_night date)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT
	AS 'SELECT rate * (last_night - first_night + 1)';

CREATE FUNCTION weekend_price(rate numeric, night date)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT
	AS 'SELECT CASE WHEN extract(isodow FROM night) >= 6 THEN rate * 1.2 ELSE rate END';
