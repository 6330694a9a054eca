-- Tables that were never analyzed, with few rows and with more.
CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE TABLE purchase (id int PRIMARY KEY, customer_id int, made date);
CREATE TABLE item (purchase_id int, number int, product_id int, amount numeric, PRIMARY KEY (purchase_id, number));
CREATE TABLE product (id int PRIMARY KEY, name text, price numeric);
INSERT INTO customer SELECT g, 'customer ' || g FROM generate_series(1, 100) g;
INSERT INTO purchase SELECT g, g % 100 + 1, '2026-01-01'::date + g % 365 FROM generate_series(1, 1000) g;
INSERT INTO item SELECT g % 1000 + 1, g / 1000, g % 50 + 1, g % 7 FROM generate_series(0, 2999) g;
INSERT INTO product SELECT g, 'product ' || g, g FROM generate_series(1, 50) g;
