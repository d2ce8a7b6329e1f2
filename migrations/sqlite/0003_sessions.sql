CREATE TABLE `presence_sessions` (
	`session_id` text PRIMARY KEY NOT NULL,
	`host` text NOT NULL,
	`user` text NOT NULL,
	`agent_name` text NOT NULL,
	`repo` text,
	`branch` text,
	`worktree` text,
	`started_at` integer NOT NULL,
	`last_heartbeat` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE INDEX `idx_last_heartbeat` ON `presence_sessions` (`last_heartbeat`);--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `repo` text;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `branch` text;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `worktree` text;