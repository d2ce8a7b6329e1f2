CREATE TABLE `presence_locks` (
	`resource_label` text PRIMARY KEY NOT NULL,
	`token` integer NOT NULL,
	`nonce` text NOT NULL,
	`session_id` text,
	`purpose` text,
	`claimed_at` integer,
	`expires_at` integer NOT NULL,
	`ttl_seconds` integer NOT NULL,
	`host` text,
	`user` text,
	`agent_name` text,
	`repo` text,
	`branch` text,
	`worktree` text
);
--> statement-breakpoint
CREATE INDEX `idx_lock_session` ON `presence_locks` (`session_id`);