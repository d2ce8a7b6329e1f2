ALTER TABLE `presence_replays` ADD `attempt` varchar(64);--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `session_id` varchar(128);--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `call_name` varchar(32);--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `input_hash` varchar(64);--> statement-breakpoint
ALTER TABLE `presence_replays` ADD `answer` mediumtext;