ALTER TABLE `presence_migrations` ADD `oldest_client` integer;
