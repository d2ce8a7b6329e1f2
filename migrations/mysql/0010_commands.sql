CREATE TABLE IF NOT EXISTS `presence_commands` (
	`event_id` varchar(64) NOT NULL,
	`attempt` varchar(64) NOT NULL,
	`session_id` varchar(128) NOT NULL,
	`call_id` varchar(128) NOT NULL,
	`subagent` varchar(128),
	`resource_label` varchar(255) NOT NULL,
	`kind` varchar(32) NOT NULL,
	`purpose` text NOT NULL,
	`mode` varchar(16) NOT NULL,
	`decision` varchar(16) NOT NULL,
	`reason` varchar(16),
	`proceeded` int NOT NULL DEFAULT 0,
	`passed` int NOT NULL DEFAULT 0,
	`covered_by` varchar(16) NOT NULL,
	`collided` int NOT NULL DEFAULT 0,
	`state` varchar(16) NOT NULL,
	`started_at` datetime(3) NOT NULL,
	`runs_until` datetime(3) NOT NULL,
	`ended_at` datetime(3),
	`exit_status` int,
	`wrong` int NOT NULL DEFAULT 0,
	`note` text,
	PRIMARY KEY (`event_id`),
	INDEX `idx_command_call` (`session_id`,`call_id`),
	INDEX `idx_command_label` (`session_id`,`resource_label`),
	INDEX `idx_command_started` (`started_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `automatic` int NOT NULL DEFAULT 0;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `hold_until` datetime(3);--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `outcome` varchar(16);--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `exit_status` int;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `failed_command` text;--> statement-breakpoint
ALTER TABLE `presence_events` ADD `detail` varchar(16);
