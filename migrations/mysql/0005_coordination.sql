CREATE TABLE IF NOT EXISTS `presence_component_history` (
	`id` varchar(64) NOT NULL,
	`project_key` varchar(64) NOT NULL,
	`component` varchar(64) NOT NULL,
	`state` varchar(64) NOT NULL,
	`version` varchar(128),
	`notes` text,
	`updated_by` varchar(128) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	PRIMARY KEY (`id`),
	INDEX `idx_component_history` (`project_key`, `component`, `updated_at`),
	INDEX `idx_component_history_at` (`updated_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_components` (
	`project_key` varchar(64) NOT NULL,
	`component` varchar(64) NOT NULL,
	`state` varchar(64) NOT NULL,
	`version` varchar(128),
	`notes` text,
	`updated_by` varchar(128) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	`change_id` varchar(64) NOT NULL,
	PRIMARY KEY (`project_key`, `component`),
	INDEX `idx_component_updated` (`updated_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_message_reads` (
	`message_id` varchar(64) NOT NULL,
	`session_id` varchar(128) NOT NULL,
	`read_at` datetime(3) NOT NULL,
	PRIMARY KEY (`message_id`, `session_id`),
	INDEX `idx_message_read` (`read_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_messages` (
	`id` varchar(64) NOT NULL,
	`from_session` varchar(128) NOT NULL,
	`to_session` varchar(128),
	`project_key` varchar(64),
	`kind` varchar(32) NOT NULL,
	`subject` varchar(255) NOT NULL,
	`body` text NOT NULL,
	`sent_at` datetime(3) NOT NULL,
	PRIMARY KEY (`id`),
	INDEX `idx_message_to` (`to_session`, `sent_at`),
	INDEX `idx_message_project` (`project_key`, `sent_at`),
	INDEX `idx_message_sent` (`sent_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_work_items` (
	`id` varchar(64) NOT NULL,
	`workflow_id` varchar(64),
	`project_key` varchar(64) NOT NULL,
	`title` varchar(255) NOT NULL,
	`description` text,
	`status` varchar(16) NOT NULL,
	`priority` int NOT NULL,
	`assigned_to` varchar(128),
	`created_by` varchar(128) NOT NULL,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	`moved_by` varchar(128) NOT NULL,
	`revision` varchar(64) NOT NULL,
	PRIMARY KEY (`id`),
	INDEX `idx_item_project` (`project_key`, `priority`),
	INDEX `idx_item_workflow` (`workflow_id`),
	INDEX `idx_item_updated` (`updated_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS `presence_workflows` (
	`id` varchar(64) NOT NULL,
	`project_key` varchar(64) NOT NULL,
	`name` varchar(255) NOT NULL,
	`description` text,
	`status` varchar(16) NOT NULL,
	`created_by` varchar(128) NOT NULL,
	`created_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL,
	`moved_by` varchar(128) NOT NULL,
	`revision` varchar(64) NOT NULL,
	PRIMARY KEY (`id`),
	INDEX `idx_workflow_project` (`project_key`, `created_at`),
	INDEX `idx_workflow_updated` (`updated_at`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
--> statement-breakpoint
ALTER TABLE `presence_locks` ADD `active_at` datetime(3);--> statement-breakpoint
ALTER TABLE `presence_sessions` ADD `role` varchar(64);
