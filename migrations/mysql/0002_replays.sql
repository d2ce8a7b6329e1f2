CREATE TABLE IF NOT EXISTS `presence_replays` (
	`operation_id` varchar(64) NOT NULL,
	`replayed_at` datetime(3) NOT NULL,
	PRIMARY KEY (`operation_id`),
	INDEX `idx_replayed` (`replayed_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
