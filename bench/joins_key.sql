\set id random(1, 1000)
SELECT p.made, c.name, i.amount, t.name FROM purchase p JOIN customer c ON c.id = p.customer_id
	JOIN item i ON i.purchase_id = p.id JOIN product t ON t.id = i.product_id WHERE p.id = :id;
