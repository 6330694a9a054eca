SELECT c.name, sum(i.amount * t.price) FROM customer c JOIN purchase p ON p.customer_id = c.id
	JOIN item i ON i.purchase_id = p.id JOIN product t ON t.id = i.product_id
	WHERE p.made < '2026-07-01' GROUP BY c.name ORDER BY 2 DESC LIMIT 10;
