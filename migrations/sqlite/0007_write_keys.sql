ALTER TABLE `presence_claims` ADD `write_keys` text;--> statement-breakpoint
ALTER TABLE `presence_locks` ADD `tentative` integer DEFAULT 0 NOT NULL;