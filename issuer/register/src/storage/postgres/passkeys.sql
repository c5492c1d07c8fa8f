-- A passkey signs authenticator data and client data; they follow on the 64 bytes of its signature.
ALTER TABLE vernet.statement DROP CONSTRAINT statement_signature_check;
ALTER TABLE vernet.statement ADD CONSTRAINT statement_signature_check CHECK (length(signature) >= 64);
