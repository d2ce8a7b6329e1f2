CREATE TABLE `presence_replays` (
	`operation_id` text PRIMARY KEY NOT NULL,
	`replayed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idx_replayed` ON `presence_replays` (`replayed_at`);