-- The preset's tables, then their foreign keys.
-- Generated from the schema document; `UPDATE_SQL=1 npm test -- sql-files` writes it again.
SET QUOTED_IDENTIFIER ON;
GO

IF SCHEMA_ID(N'ecommerce') IS NULL EXEC(N'CREATE SCHEMA [ecommerce]');
GO

CREATE TABLE [ecommerce].[customers] (
  [customer_id] bigint NOT NULL,
  [first_name] nvarchar(100) NOT NULL,
  [last_name] nvarchar(100) NOT NULL,
  [email] nvarchar(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
  [phone] nvarchar(100) NULL,
  [address] nvarchar(200) NULL,
  [registration_date] date NOT NULL,
  [customer_tier] nvarchar(8) NOT NULL,
  CONSTRAINT [pk_customers] PRIMARY KEY ([customer_id]),
  CONSTRAINT [uq_customers_email] UNIQUE ([email]),
  CONSTRAINT [ck_customers_customer_tier_enum] CHECK ([customer_tier] IN (N'Bronze', N'Silver', N'Gold', N'Platinum'))
);
GO

CREATE TABLE [ecommerce].[products] (
  [product_id] bigint NOT NULL,
  [product_name] nvarchar(80) NOT NULL,
  [category] nvarchar(17) NOT NULL,
  [price] decimal(19, 2) NOT NULL,
  [description] nvarchar(300) NULL,
  [stock_quantity] int NOT NULL,
  [brand] nvarchar(16) NULL,
  [rating] decimal(19, 1) NULL,
  CONSTRAINT [pk_products] PRIMARY KEY ([product_id]),
  CONSTRAINT [ck_products_category_enum] CHECK ([category] IN (N'Electronics', N'Home & Kitchen', N'Clothing', N'Sports & Outdoors', N'Beauty', N'Toys & Games', N'Garden', N'Books')),
  CONSTRAINT [ck_products_price_minimum] CHECK ([price] >= 1),
  CONSTRAINT [ck_products_stock_quantity_minimum] CHECK ([stock_quantity] >= 0),
  CONSTRAINT [ck_products_rating_minimum] CHECK ([rating] >= 1),
  CONSTRAINT [ck_products_rating_maximum] CHECK ([rating] <= 5)
);
GO

CREATE TABLE [ecommerce].[orders] (
  [order_id] bigint NOT NULL,
  [customer_id] bigint NOT NULL,
  [product_id] bigint NOT NULL,
  [order_date] date NOT NULL,
  [quantity] int NOT NULL,
  [total_amount] decimal(19, 2) NOT NULL,
  [status] nvarchar(10) NOT NULL,
  [shipping_address] nvarchar(200) NULL,
  CONSTRAINT [pk_orders] PRIMARY KEY ([order_id]),
  CONSTRAINT [ck_orders_quantity_minimum] CHECK ([quantity] >= 1),
  CONSTRAINT [ck_orders_total_amount_minimum] CHECK ([total_amount] >= 0),
  CONSTRAINT [ck_orders_status_enum] CHECK ([status] IN (N'Pending', N'Processing', N'Shipped', N'Delivered', N'Cancelled'))
);
GO

ALTER TABLE [ecommerce].[orders] ADD CONSTRAINT [fk_orders_customers] FOREIGN KEY ([customer_id]) REFERENCES [ecommerce].[customers] ([customer_id]);
GO

ALTER TABLE [ecommerce].[orders] ADD CONSTRAINT [fk_orders_products] FOREIGN KEY ([product_id]) REFERENCES [ecommerce].[products] ([product_id]);
GO
