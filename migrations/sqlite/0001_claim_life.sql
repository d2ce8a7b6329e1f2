ALTER TABLE `presence_claims` ADD `ttl_seconds` integer DEFAULT 900 NOT NULL;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `lapsed_at` integer;