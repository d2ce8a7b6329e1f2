CREATE TABLE IF NOT EXISTS `presence_ended` (
	`session_id` varchar(128) NOT NULL,
	`resource_label` varchar(255) NOT NULL,
	`purpose` text NOT NULL,
	`claimed_at` datetime(3) NOT NULL,
	`expires_at` datetime(3) NOT NULL,
	`host` varchar(128) NOT NULL,
	`user` varchar(64) NOT NULL,
	`agent_name` varchar(64),
	`ttl_seconds` int NOT NULL,
	`repo` varchar(255),
	`branch` varchar(255),
	`worktree` varchar(1024),
	`token` bigint,
	`ended` varchar(16) NOT NULL,
	`ended_at` datetime(3) NOT NULL,
	`ended_by` varchar(128),
	`note` text,
	PRIMARY KEY (`session_id`, `resource_label`, `claimed_at`),
	INDEX `idx_ended_label` (`resource_label`),
	INDEX `idx_ended_at` (`ended_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_events` (
	`resource_label` varchar(255) NOT NULL,
	`at` datetime(3) NOT NULL,
	`session_id` varchar(128) NOT NULL,
	`event` varchar(16) NOT NULL,
	`host` varchar(128) NOT NULL,
	`user` varchar(64) NOT NULL,
	`agent_name` varchar(64),
	`purpose` text NOT NULL,
	`token` bigint,
	`others` text,
	`note` text,
	PRIMARY KEY (`resource_label`, `at`, `session_id`, `event`),
	INDEX `idx_event_at` (`at`),
	INDEX `idx_event_session` (`session_id`, `at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_locks` (
	`resource_label` varchar(255) NOT NULL,
	`token` bigint NOT NULL,
	`nonce` varchar(64) NOT NULL,
	`revision` varchar(64) NOT NULL,
	`over_shared` int NOT NULL DEFAULT 0,
	`session_id` varchar(128),
	`purpose` text,
	`claimed_at` datetime(3),
	`expires_at` datetime(3) NOT NULL,
	`ttl_seconds` int NOT NULL,
	`host` varchar(128),
	`user` varchar(64),
	`agent_name` varchar(64),
	`repo` varchar(255),
	`branch` varchar(255),
	`worktree` varchar(1024),
	PRIMARY KEY (`resource_label`),
	INDEX `idx_lock_session` (`session_id`),
	INDEX `idx_lock_expires` (`expires_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_waiters` (
	`resource_label` varchar(255) NOT NULL,
	`waiter_id` varchar(64) NOT NULL,
	`session_id` varchar(128) NOT NULL,
	`queued_at` datetime(3) NOT NULL,
	`expires_at` datetime(3) NOT NULL,
	PRIMARY KEY (`resource_label`, `waiter_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
