-- The preset's indexes: make them when the rows are there. queries.sql says what each is for.
-- Generated from the schema document; `UPDATE_SQL=1 npm test -- sql-files` writes it again.
SET QUOTED_IDENTIFIER ON;
GO

CREATE INDEX [ix_customers_registration_date] ON [ecommerce].[customers] ([registration_date]) INCLUDE ([customer_tier]);
GO

CREATE INDEX [ix_products_category_price] ON [ecommerce].[products] ([category], [price]) INCLUDE ([product_name]);
GO

CREATE INDEX [ix_orders_customer_id_order_date] ON [ecommerce].[orders] ([customer_id], [order_date] DESC) INCLUDE ([total_amount], [status]);
GO

CREATE INDEX [ix_orders_product_id_order_date] ON [ecommerce].[orders] ([product_id], [order_date]) INCLUDE ([quantity], [total_amount]);
GO

CREATE INDEX [ix_orders_order_date] ON [ecommerce].[orders] ([order_date]) INCLUDE ([customer_id], [total_amount]);
GO

CREATE INDEX [ix_orders_status_order_date] ON [ecommerce].[orders] ([status], [order_date]) INCLUDE ([customer_id]) WHERE [status] IN (N'Pending', N'Processing');
GO
