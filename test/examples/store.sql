-- Each statement selects rows that are wrong; a table's decimals are compared in whole cents.

-- enough of everything, so that no other check passes for want of rows
-- broken by: DELETE FROM payments
SELECT 'too few rows' WHERE (SELECT count(*) FROM orders) < 20 OR (SELECT count(*) FROM order_lines) < 40 OR (SELECT count(*) FROM payments) < 10;

-- a category's way to the top is at most three levels long and ends there
-- broken by: UPDATE categories SET parent_id = category_id WHERE category_id = 1
WITH RECURSIVE way (category_id, top, level) AS (
  SELECT category_id, parent_id, 1 FROM categories
  UNION ALL
  SELECT way.category_id, categories.parent_id, level + 1 FROM way JOIN categories ON categories.category_id = way.top WHERE level < 5
)
SELECT category_id FROM way GROUP BY category_id HAVING max(level) > 3 OR sum(top IS NULL) <> 1;

-- the breadcrumb begins with the parent's name
-- broken by: UPDATE categories SET breadcrumb = 'x' WHERE category_id = 1
SELECT child.category_id FROM categories AS child LEFT JOIN categories AS parent ON parent.category_id = child.parent_id
WHERE child.breadcrumb IS NOT coalesce(parent.category_name || ' / ' || child.category_name, child.category_name);

-- each store keeps 12 to 20 products
-- broken by: DELETE FROM store_products WHERE store_id = 101
SELECT stores.store_id FROM stores LEFT JOIN store_products USING (store_id) GROUP BY stores.store_id HAVING count(product_id) NOT BETWEEN 12 AND 20;

-- the shelf price is the list price with the store's markup, rounded to the cent
-- broken by: UPDATE store_products SET shelf_price_minor = shelf_price_minor + 1 WHERE rowid = 1
SELECT * FROM store_products JOIN stores USING (store_id) JOIN products USING (product_id)
WHERE shelf_price_minor <> (list_price_minor * (100 + markup_minor) + 50) / 100 OR listed_on < opened_on OR listed_on > '2026-01-01';

-- an order comes after its customer's registration and at an hour when people shop
-- broken by: UPDATE orders SET placed_at = '2010-01-01T12:00:00Z'
SELECT order_id FROM orders JOIN customers USING (customer_id)
WHERE placed_at < registered_at OR placed_at >= '2026-01-02' OR substr(placed_at, 12, 2) NOT BETWEEN '07' AND '21' OR ship_to IS NOT address;

-- line numbers run 1, 2, 3, … in each order, and there are 1 to 5
-- broken by: UPDATE order_lines SET line_no = 9 WHERE rowid = 1
SELECT order_id FROM orders LEFT JOIN order_lines USING (order_id) GROUP BY order_id
HAVING count(line_no) NOT BETWEEN 1 AND 5 OR min(line_no) <> 1 OR max(line_no) <> count(line_no);

-- the order's total and count are its lines'
-- broken by: UPDATE order_lines SET amount_minor = amount_minor + 1 WHERE rowid = 1
SELECT orders.order_id FROM orders LEFT JOIN order_lines USING (order_id) GROUP BY orders.order_id
HAVING total_amount_minor IS NOT sum(amount_minor) OR line_count <> count(line_no);

-- a line is of its order's store
-- broken by: UPDATE order_lines SET store_id = store_id + 1 WHERE rowid = 1
SELECT line_no FROM order_lines JOIN orders USING (order_id) WHERE order_lines.store_id <> orders.store_id;

-- a line sells what that store keeps, at that store's price
-- broken by: UPDATE order_lines SET unit_price_minor = unit_price_minor - 1 WHERE rowid = 1
SELECT line_no FROM order_lines LEFT JOIN store_products USING (store_id, product_id) WHERE unit_price_minor IS NOT shelf_price_minor;

-- the amount is quantity times price less the discount, rounded to the cent
-- broken by: UPDATE order_lines SET amount_minor = amount_minor - 1 WHERE rowid = 1
SELECT order_id, line_no FROM order_lines WHERE amount_minor <> (quantity * unit_price_minor * (100 - discount_minor) + 50) / 100;

-- gold customers get a tenth off, others only from five pieces on
-- broken by: UPDATE order_lines SET discount_minor = 31 WHERE rowid = 1
SELECT line_no FROM order_lines JOIN orders USING (order_id) JOIN customers USING (customer_id)
WHERE CASE WHEN tier = 'Gold' THEN discount_minor <> 10 WHEN quantity >= 5 THEN discount_minor NOT BETWEEN 5 AND 30 ELSE discount_minor <> 0 END;

-- a payment is of the order's total, after the order, within ten hours
-- broken by: UPDATE payments SET paid_at = '2010-01-01T12:00:00Z'
SELECT order_id FROM payments JOIN orders USING (order_id)
WHERE amount_minor <> total_amount_minor OR unixepoch(paid_at) - unixepoch(placed_at) NOT BETWEEN 0 AND 36000;
