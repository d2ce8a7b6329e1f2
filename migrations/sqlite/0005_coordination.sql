CREATE TABLE `presence_component_history` (
	`id` text PRIMARY KEY NOT NULL,
	`project_key` text NOT NULL,
	`component` text NOT NULL,
	`state` text NOT NULL,
	`version` text,
	`notes` text,
	`updated_by` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_component_history` ON `presence_component_history` (`project_key`,`component`,`updated_at`);--> statement-breakpoint
CREATE INDEX `idx_component_history_at` ON `presence_component_history` (`updated_at`);--> statement-breakpoint
CREATE TABLE `presence_components` (
	`project_key` text NOT NULL,
	`component` text NOT NULL,
	`state` text NOT NULL,
	`version` text,
	`notes` text,
	`updated_by` text NOT NULL,
	`updated_at` integer NOT NULL,
	`change_id` text NOT NULL,
	PRIMARY KEY(`project_key`, `component`)
);
--> statement-breakpoint
CREATE INDEX `idx_component_updated` ON `presence_components` (`updated_at`);--> statement-breakpoint
CREATE TABLE `presence_message_reads` (
	`message_id` text NOT NULL,
	`session_id` text NOT NULL,
	`read_at` integer NOT NULL,
	PRIMARY KEY(`message_id`, `session_id`)
);
--> statement-breakpoint
CREATE INDEX `idx_message_read` ON `presence_message_reads` (`read_at`);--> statement-breakpoint
CREATE TABLE `presence_messages` (
	`id` text PRIMARY KEY NOT NULL,
	`from_session` text NOT NULL,
	`to_session` text,
	`project_key` text,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`body` text NOT NULL,
	`sent_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_message_to` ON `presence_messages` (`to_session`,`sent_at`);--> statement-breakpoint
CREATE INDEX `idx_message_project` ON `presence_messages` (`project_key`,`sent_at`);--> statement-breakpoint
CREATE INDEX `idx_message_sent` ON `presence_messages` (`sent_at`);--> statement-breakpoint
CREATE TABLE `presence_work_items` (
	`id` text PRIMARY KEY NOT NULL,
	`workflow_id` text,
	`project_key` text NOT NULL,
	`title` text NOT NULL,
	`description` text,
	`status` text NOT NULL,
	`priority` integer NOT NULL,
	`assigned_to` text,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`moved_by` text NOT NULL,
	`revision` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_item_project` ON `presence_work_items` (`project_key`,`priority`);--> statement-breakpoint
CREATE INDEX `idx_item_workflow` ON `presence_work_items` (`workflow_id`);--> statement-breakpoint
CREATE INDEX `idx_item_updated` ON `presence_work_items` (`updated_at`);--> statement-breakpoint
CREATE TABLE `presence_workflows` (
	`id` text PRIMARY KEY NOT NULL,
	`project_key` text NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`status` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`moved_by` text NOT NULL,
	`revision` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_workflow_project` ON `presence_workflows` (`project_key`,`created_at`);--> statement-breakpoint
CREATE INDEX `idx_workflow_updated` ON `presence_workflows` (`updated_at`);--> statement-breakpoint
ALTER TABLE `presence_locks` ADD `active_at` integer;--> statement-breakpoint
ALTER TABLE `presence_sessions` ADD `role` text;