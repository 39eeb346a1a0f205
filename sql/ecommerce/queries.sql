-- What the tables of the preset are usually asked, each with the plan that its index is for.
-- "Seek" and "scan" are the operators to look for in the actual plan; no figure is promised.
SET QUOTED_IDENTIFIER ON;
GO

-- A customer's history, newest first.
-- Plan: one seek in ix_orders_customer_id_order_date; already in order, so no sort; total_amount and status
-- are in the index, so no lookup in the table.
DECLARE @customer bigint = 1001;
SELECT TOP (20) o.[order_id], o.[order_date], o.[total_amount], o.[status]
FROM [ecommerce].[orders] AS o
WHERE o.[customer_id] = @customer
ORDER BY o.[order_date] DESC;
GO

-- What each product sold in a quarter.
-- Plan: a scan of ix_orders_product_id_order_date, which has all the columns and comes grouped by product:
-- stream aggregate, no sort. For a few days only, a seek in ix_orders_order_date with lookups is cheaper.
SELECT o.[product_id], SUM(o.[quantity]) AS [units], SUM(o.[total_amount]) AS [revenue]
FROM [ecommerce].[orders] AS o
WHERE o.[order_date] >= '2025-10-01' AND o.[order_date] < '2026-01-01'
GROUP BY o.[product_id]
ORDER BY o.[product_id];
GO

-- One product's sales by day.
-- Plan: one seek in ix_orders_product_id_order_date, in order of the day: stream aggregate, no sort, no lookup.
DECLARE @product bigint = 2001;
SELECT o.[order_date], SUM(o.[quantity]) AS [units], SUM(o.[total_amount]) AS [revenue]
FROM [ecommerce].[orders] AS o
WHERE o.[product_id] = @product
GROUP BY o.[order_date]
ORDER BY o.[order_date];
GO

-- Orders that wait, oldest first.
-- Plan: ix_orders_status_order_date holds these orders only; one seek a status, then a small sort.
-- The statuses are literals here: a parameter might be another status, so the filtered index could not be used.
SELECT o.[order_id], o.[customer_id], o.[order_date], o.[status]
FROM [ecommerce].[orders] AS o
WHERE o.[status] IN (N'Pending', N'Processing')
ORDER BY o.[order_date];
GO

-- Revenue by month and tier.
-- Plan: one seek in ix_orders_order_date for the range, which has customer and total; hash join with the
-- customers, whose tier is in ix_customers_registration_date, the smallest index that has it.
SELECT YEAR(o.[order_date]) AS [year], MONTH(o.[order_date]) AS [month], c.[customer_tier], SUM(o.[total_amount]) AS [revenue]
FROM [ecommerce].[orders] AS o
JOIN [ecommerce].[customers] AS c ON c.[customer_id] = o.[customer_id]
WHERE o.[order_date] >= '2025-01-01'
GROUP BY YEAR(o.[order_date]), MONTH(o.[order_date]), c.[customer_tier]
ORDER BY [year], [month], c.[customer_tier];
GO

-- Products of a category by price.
-- Plan: one seek in ix_products_category_price, in order; the name is in the index.
SELECT p.[product_id], p.[product_name], p.[price]
FROM [ecommerce].[products] AS p
WHERE p.[category] = N'Electronics' AND p.[price] BETWEEN 20 AND 100
ORDER BY p.[price];
GO

-- Who registered this year and has not ordered yet.
-- Plan: one seek in ix_customers_registration_date; anti join with ix_orders_customer_id_order_date.
SELECT c.[customer_id], c.[registration_date], c.[customer_tier]
FROM [ecommerce].[customers] AS c
WHERE c.[registration_date] >= '2025-01-01'
  AND NOT EXISTS (SELECT 1 FROM [ecommerce].[orders] AS o WHERE o.[customer_id] = c.[customer_id]);
GO
