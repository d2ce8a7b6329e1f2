CREATE TABLE `presence_ended` (
	`session_id` text NOT NULL,
	`resource_label` text NOT NULL,
	`purpose` text NOT NULL,
	`claimed_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`host` text NOT NULL,
	`user` text NOT NULL,
	`agent_name` text,
	`ttl_seconds` integer NOT NULL,
	`repo` text,
	`branch` text,
	`worktree` text,
	`token` integer,
	`ended` text NOT NULL,
	`ended_at` integer NOT NULL,
	`ended_by` text,
	`note` text,
	PRIMARY KEY(`session_id`, `resource_label`, `claimed_at`)
);
--> statement-breakpoint
CREATE INDEX `idx_ended_label` ON `presence_ended` (`resource_label`);--> statement-breakpoint
CREATE INDEX `idx_ended_at` ON `presence_ended` (`ended_at`);--> statement-breakpoint
CREATE TABLE `presence_events` (
	`resource_label` text NOT NULL,
	`at` integer NOT NULL,
	`session_id` text NOT NULL,
	`event` text NOT NULL,
	`host` text NOT NULL,
	`user` text NOT NULL,
	`agent_name` text,
	`purpose` text NOT NULL,
	`token` integer,
	`others` text,
	`note` text,
	PRIMARY KEY(`resource_label`, `at`, `session_id`, `event`)
);
--> statement-breakpoint
CREATE INDEX `idx_event_at` ON `presence_events` (`at`);--> statement-breakpoint
CREATE INDEX `idx_event_session` ON `presence_events` (`session_id`,`at`);--> statement-breakpoint
CREATE TABLE `presence_locks` (
	`resource_label` text PRIMARY KEY NOT NULL,
	`token` integer NOT NULL,
	`nonce` text NOT NULL,
	`revision` text NOT NULL,
	`over_shared` integer DEFAULT 0 NOT NULL,
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
CREATE INDEX `idx_lock_session` ON `presence_locks` (`session_id`);--> statement-breakpoint
CREATE INDEX `idx_lock_expires` ON `presence_locks` (`expires_at`);--> statement-breakpoint
CREATE TABLE `presence_waiters` (
	`resource_label` text NOT NULL,
	`waiter_id` text NOT NULL,
	`session_id` text NOT NULL,
	`queued_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`resource_label`, `waiter_id`)
);
