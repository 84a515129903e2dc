namespace ZohoPlatform.Cli;

/// <summary>What scripts branch on. Numbers stay as they are.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The command was not understood, or has a bug. Also what System.CommandLine answers to an unknown option.</summary>
    public const int Usage = 1;

    /// <summary>Of many, some contacts or messages were refused.</summary>
    public const int SomeFailed = 2;

    /// <summary>A person must change something first: key, connection, settings, file.</summary>
    public const int Configuration = 3;

    /// <summary>The gateway, or what it needs, cannot be reached now.</summary>
    public const int Unreachable = 4;

    /// <summary>Ctrl-C, as shells say it: 128 and the signal's number.</summary>
    public const int Interrupted = 130;
}
