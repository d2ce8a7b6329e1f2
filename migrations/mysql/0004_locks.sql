CREATE TABLE IF NOT EXISTS `presence_locks` (
	`resource_label` varchar(255) NOT NULL,
	`token` bigint NOT NULL,
	`nonce` varchar(64) NOT NULL,
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
	INDEX `idx_lock_session` (`session_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
