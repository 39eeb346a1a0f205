-- Each statement selects the rows of the preset that are wrong: none is a pass.
-- The comment "broken by" is a change after which its statement must select something.

-- an order costs quantity times the product's price, to the cent
-- broken by: UPDATE [ecommerce].[orders] SET [total_amount] = [total_amount] + 1 WHERE [order_id] = 3001
SELECT o.[order_id], o.[quantity], p.[price], o.[total_amount]
FROM [ecommerce].[orders] AS o
JOIN [ecommerce].[products] AS p ON p.[product_id] = o.[product_id]
WHERE o.[total_amount] <> o.[quantity] * p.[price];

-- nobody orders before registering
-- broken by: UPDATE [ecommerce].[customers] SET [registration_date] = '2025-12-31' WHERE [customer_id] = 1001
SELECT o.[order_id], o.[order_date], c.[registration_date]
FROM [ecommerce].[orders] AS o
JOIN [ecommerce].[customers] AS c ON c.[customer_id] = o.[customer_id]
WHERE o.[order_date] < c.[registration_date];

-- an order goes to its customer's address
-- broken by: UPDATE [ecommerce].[orders] SET [shipping_address] = '1 Other Street' WHERE [order_id] = 3001
SELECT o.[order_id], o.[shipping_address], c.[address]
FROM [ecommerce].[orders] AS o
JOIN [ecommerce].[customers] AS c ON c.[customer_id] = o.[customer_id]
WHERE o.[shipping_address] <> c.[address]
  OR (o.[shipping_address] IS NULL AND c.[address] IS NOT NULL)
  OR (o.[shipping_address] IS NOT NULL AND c.[address] IS NULL);

-- e-mail addresses are in domains reserved for examples
-- broken by: UPDATE [ecommerce].[customers] SET [email] = 'ann@mail.test' WHERE [customer_id] = 1001
SELECT c.[customer_id], c.[email]
FROM [ecommerce].[customers] AS c
WHERE c.[email] NOT LIKE '%@example.com' AND c.[email] NOT LIKE '%@example.net' AND c.[email] NOT LIKE '%@example.org';
