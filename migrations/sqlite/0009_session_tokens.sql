CREATE TABLE `presence_session_tokens` (
	`session_id` text PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`bound_at` integer NOT NULL,
	`used_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_session_token_used` ON `presence_session_tokens` (`used_at`);