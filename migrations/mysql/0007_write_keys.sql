ALTER TABLE `presence_claims` ADD `write_keys` varchar(512);--> statement-breakpoint
ALTER TABLE `presence_locks` ADD `tentative` int DEFAULT 0 NOT NULL;