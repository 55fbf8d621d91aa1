-- What the relay says of an attachment's file after scanning it.
ALTER TABLE attachment ADD COLUMN scan TEXT;
