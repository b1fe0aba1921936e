-- +goose Up
-- Numbers of items may have gaps, unlike those of the register: nobody is to wait for another's item to be committed.
CREATE SEQUENCE item_ids;
SELECT setval('item_ids', coalesce((SELECT last FROM counters WHERE series = 'item'), 0) + 1, false);
DELETE FROM counters WHERE series = 'item';
