SELECT c.name, count(*) FROM customer c JOIN purchase p ON p.customer_id = c.id GROUP BY c.name;
