CREATE TABLE IF NOT EXISTS `presence_sessions` (
	`session_id` varchar(128) NOT NULL,
	`host` varchar(128) NOT NULL,
	`user` varchar(64) NOT NULL,
	`agent_name` varchar(64) NOT NULL,
	`repo` varchar(255),
	`branch` varchar(255),
	`worktree` varchar(1024),
	`started_at` datetime(3) NOT NULL,
	`last_heartbeat` datetime(3) NOT NULL,
	`ended_at` datetime(3),
	PRIMARY KEY (`session_id`),
	INDEX `idx_last_heartbeat` (`last_heartbeat`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `repo` varchar(255);--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `branch` varchar(255);--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `worktree` varchar(1024);
