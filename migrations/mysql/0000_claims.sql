-- The table of the seeds' own tool. IF NOT EXISTS, and the indexes inline, so that a board that has it is adopted.
CREATE TABLE IF NOT EXISTS `presence_claims` (
	`session_id` varchar(128) NOT NULL,
	`resource_label` varchar(255) NOT NULL,
	`purpose` text NOT NULL,
	`claimed_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`expires_at` datetime(3) NOT NULL,
	`host` varchar(128) NOT NULL,
	`user` varchar(64) NOT NULL,
	`agent_name` varchar(64) DEFAULT 'claude-code',
	PRIMARY KEY (`session_id`,`resource_label`),
	INDEX `idx_resource` (`resource_label`),
	INDEX `idx_expires` (`expires_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
