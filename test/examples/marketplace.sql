-- Each statement selects rows that are wrong; a table's decimals are compared in whole cents.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM reviews
SELECT 'too few rows' WHERE (SELECT count(*) FROM orders) < 80 OR (SELECT count(*) FROM order_lines) < 150 OR (SELECT count(*) FROM reviews) < 40;

-- a line's variant is one of its order's seller
-- broken by: UPDATE order_lines SET seller_id = seller_id + 1 WHERE rowid = 1
SELECT order_id, line_no FROM order_lines JOIN orders USING (order_id) WHERE order_lines.seller_id <> orders.seller_id;

-- a line has the price and the name of a variant that is there
-- broken by: UPDATE order_lines SET variant_no = 9 WHERE rowid = 1
SELECT order_id, line_no FROM order_lines AS line LEFT JOIN variants USING (seller_id, product_no, variant_no)
LEFT JOIN products USING (seller_id, product_no)
WHERE unit_price_minor IS NOT price_minor OR line.title IS NOT products.title || ', ' || colour || ', ' || size;

-- the lines of a seller are of several of his products, not of one only
-- broken by: DELETE FROM order_lines WHERE product_no > 1
SELECT seller_id FROM order_lines GROUP BY seller_id HAVING count(*) > 4 AND count(DISTINCT product_no) < 2;

-- products are numbered 1, 2, 3, … by each seller, 4 to 9 of them
-- broken by: UPDATE products SET product_no = 12 WHERE rowid = 1
SELECT seller_id FROM sellers LEFT JOIN products USING (seller_id) GROUP BY seller_id
HAVING count(product_no) NOT BETWEEN 4 AND 9 OR min(product_no) <> 1 OR max(product_no) <> count(product_no) OR product_count <> count(product_no);

-- variants are numbered in each product, 2 to 6 of them
-- broken by: DELETE FROM variants WHERE product_no = 1
SELECT products.title FROM products LEFT JOIN variants USING (seller_id, product_no) GROUP BY seller_id, product_no
HAVING count(variant_no) NOT BETWEEN 2 AND 6 OR min(variant_no) <> 1 OR max(variant_no) <> count(variant_no);

-- a product's name and price are of its article, and it is listed once its seller has joined
-- broken by: UPDATE products SET base_price_minor = 500 WHERE rowid = 1
SELECT products.title FROM products JOIN sellers USING (seller_id)
WHERE title <> material || ' ' || lower(article) OR listed_on < joined_on OR listed_on > '2024-12-31'
OR base_price_minor NOT BETWEEN CASE WHEN article IN ('Coat', 'Jacket') THEN 8000 WHEN article IN ('Socks', 'Cap', 'Scarf') THEN 800 ELSE 3000 END
AND CASE WHEN article IN ('Coat', 'Jacket') THEN 24000 WHEN article IN ('Socks', 'Cap', 'Scarf') THEN 4500 ELSE 12000 END;

-- a variant has its product's price, and three more in XL
-- broken by: UPDATE variants SET price_minor = price_minor + 1 WHERE rowid = 1
SELECT variant_no FROM variants JOIN products USING (seller_id, product_no) WHERE price_minor <> base_price_minor + iif(size = 'XL', 300, 0);

-- a line's total is quantity times price, and nobody buys more than there is
-- broken by: UPDATE order_lines SET line_total_minor = line_total_minor + 1 WHERE rowid = 1
SELECT order_id, line_no FROM order_lines WHERE line_total_minor <> quantity * unit_price_minor;
-- broken by: UPDATE variants SET stock = 0
SELECT order_id, line_no FROM order_lines JOIN variants USING (seller_id, product_no, variant_no) WHERE quantity > stock;

-- line numbers run 1, 2, 3, … in each order, and there are 1 to 5
-- broken by: UPDATE order_lines SET line_no = 9 WHERE rowid = 1
SELECT order_id FROM orders LEFT JOIN order_lines USING (order_id) GROUP BY order_id
HAVING count(line_no) NOT BETWEEN 1 AND 5 OR min(line_no) <> 1 OR max(line_no) <> count(line_no) OR line_count <> count(line_no);

-- the order's totals are its lines', with shipping below 80
-- broken by: UPDATE orders SET goods_total_minor = goods_total_minor + 1 WHERE order_id = 700001
SELECT orders.order_id FROM orders LEFT JOIN order_lines USING (order_id) GROUP BY orders.order_id HAVING goods_total_minor IS NOT sum(line_total_minor);
-- broken by: UPDATE orders SET shipping_fee_minor = 490 - shipping_fee_minor WHERE order_id = 700001
SELECT order_id FROM orders WHERE shipping_fee_minor <> iif(goods_total_minor >= 8000, 0, 490) OR order_total_minor <> goods_total_minor + shipping_fee_minor;

-- the commission is the seller's share of the goods, rounded to the cent
-- broken by: UPDATE orders SET commission_fee_minor = commission_fee_minor + 1 WHERE order_id = 700001
SELECT order_id FROM orders JOIN sellers USING (seller_id) WHERE commission_fee_minor <> (goods_total_minor * commission_minor + 50) / 100;

-- an order is placed in the year before, by a customer who was there, and sent to his address within five days
-- broken by: UPDATE orders SET placed_at = '2010-01-01T12:00:00Z' WHERE order_id = 700001
SELECT order_id FROM orders JOIN customers USING (customer_id)
WHERE placed_at < registered_on OR placed_at NOT BETWEEN '2025-01-01' AND '2025-12-23' OR ship_to <> address OR unixepoch(shipped_at) - unixepoch(placed_at) NOT BETWEEN 7200 AND 432000;

-- the most popular seller has at least twice the orders of the least popular
-- broken by: UPDATE orders SET seller_id = 501 + rowid % 8
WITH sold AS (SELECT count(order_id) AS orders FROM sellers LEFT JOIN orders USING (seller_id) GROUP BY seller_id)
SELECT 'even' WHERE (SELECT max(orders) FROM sold) < 2 * (SELECT min(orders) FROM sold);

-- a review is of its line's product, in the forty days after the shipping
-- broken by: UPDATE reviews SET product_title = 'x' WHERE rowid = 1
SELECT order_id, line_no FROM reviews JOIN order_lines USING (order_id, line_no) JOIN orders USING (order_id) JOIN products USING (seller_id, product_no)
WHERE product_title <> products.title OR unixepoch(written_at) - unixepoch(shipped_at) NOT BETWEEN 86400 AND 40 * 86400;
