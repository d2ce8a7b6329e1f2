ALTER TABLE `presence_claims` ADD `ttl_seconds` int DEFAULT 900 NOT NULL;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `lapsed_at` datetime(3);