namespace ZohoPlatform.Cli.Output;

/// <summary>What a command with --json answers that deleted something.</summary>
/// <param name="Id">Of what is gone.</param>
internal sealed record Deleted(string Id)
{
    public string Event { get; } = "deleted";
}
