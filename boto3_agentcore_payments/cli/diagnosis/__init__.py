"""What the doctor looks at: each module yields findings, changes nothing and shows no secret."""
