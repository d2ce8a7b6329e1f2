CREATE TABLE `presence_claims` (
	`session_id` text NOT NULL,
	`resource_label` text NOT NULL,
	`purpose` text NOT NULL,
	`claimed_at` integer DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)) NOT NULL,
	`expires_at` integer NOT NULL,
	`host` text NOT NULL,
	`user` text NOT NULL,
	`agent_name` text DEFAULT 'claude-code',
	PRIMARY KEY(`session_id`, `resource_label`)
);
--> statement-breakpoint
CREATE INDEX `idx_resource` ON `presence_claims` (`resource_label`);--> statement-breakpoint
CREATE INDEX `idx_expires` ON `presence_claims` (`expires_at`);