ALTER TABLE `presence_replays` ADD `attempt` text;--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `session_id` text;--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `call_name` text;--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `input_hash` text;--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `answer` text;