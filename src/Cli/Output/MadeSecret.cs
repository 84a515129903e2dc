namespace ZohoPlatform.Cli.Output;

/// <summary>What a <c>rotate-secret --json</c> answers: where the secret is, never the secret.</summary>
internal sealed record MadeSecret(string Id, DateTimeOffset? PreviousSecretEndsAt, string SavedIn);
