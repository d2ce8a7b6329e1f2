CREATE TABLE `presence_commands` (
	`event_id` text PRIMARY KEY NOT NULL,
	`attempt` text NOT NULL,
	`session_id` text NOT NULL,
	`call_id` text NOT NULL,
	`subagent` text,
	`resource_label` text NOT NULL,
	`kind` text NOT NULL,
	`purpose` text NOT NULL,
	`mode` text NOT NULL,
	`decision` text NOT NULL,
	`reason` text,
	`proceeded` integer DEFAULT 0 NOT NULL,
	`passed` integer DEFAULT 0 NOT NULL,
	`covered_by` text NOT NULL,
	`collided` integer DEFAULT 0 NOT NULL,
	`state` text NOT NULL,
	`started_at` integer NOT NULL,
	`runs_until` integer NOT NULL,
	`ended_at` integer,
	`exit_status` integer,
	`wrong` integer DEFAULT 0 NOT NULL,
	`note` text
);
--> statement-breakpoint
CREATE INDEX `idx_command_call` ON `presence_commands` (`session_id`,`call_id`);--> statement-breakpoint
CREATE INDEX `idx_command_label` ON `presence_commands` (`session_id`,`resource_label`);--> statement-breakpoint
CREATE INDEX `idx_command_started` ON `presence_commands` (`started_at`);--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `automatic` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `hold_until` integer;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `outcome` text;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `exit_status` integer;--> statement-breakpoint
ALTER TABLE `presence_claims` ADD `failed_command` text;--> statement-breakpoint
ALTER TABLE `presence_events` ADD `detail` text;