CREATE TABLE IF NOT EXISTS `presence_session_tokens` (
	`session_id` varchar(128) NOT NULL,
	`token` varchar(64) NOT NULL,
	`bound_at` datetime(3) NOT NULL,
	`used_at` datetime(3) NOT NULL,
	PRIMARY KEY (`session_id`),
	INDEX `idx_session_token_used` (`used_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
