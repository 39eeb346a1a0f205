-- Each statement selects the rows of the preset whose keys are wrong: none is a pass.
-- Generated from the schema document; `UPDATE_SQL=1 npm test -- sql-files` writes it again.

-- pk_customers: customers with the same customer_id
SELECT [customer_id], COUNT(*) AS [rows]
FROM [ecommerce].[customers]
GROUP BY [customer_id]
HAVING COUNT(*) > 1;

-- uq_customers_email: customers with the same email
SELECT [email], COUNT(*) AS [rows]
FROM [ecommerce].[customers]
GROUP BY [email]
HAVING COUNT(*) > 1;

-- pk_products: products with the same product_id
SELECT [product_id], COUNT(*) AS [rows]
FROM [ecommerce].[products]
GROUP BY [product_id]
HAVING COUNT(*) > 1;

-- pk_orders: orders with the same order_id
SELECT [order_id], COUNT(*) AS [rows]
FROM [ecommerce].[orders]
GROUP BY [order_id]
HAVING COUNT(*) > 1;

-- fk_orders_customers: orders without their customers
SELECT child.[order_id], child.[customer_id]
FROM [ecommerce].[orders] AS child
WHERE child.[customer_id] IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM [ecommerce].[customers] AS parent WHERE parent.[customer_id] = child.[customer_id]);

-- fk_orders_products: orders without their products
SELECT child.[order_id], child.[product_id]
FROM [ecommerce].[orders] AS child
WHERE child.[product_id] IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM [ecommerce].[products] AS parent WHERE parent.[product_id] = child.[product_id]);
