namespace ZohoPlatform.AppHost.Launch;

/// <summary>A launch cannot go on; the message is a sentence for the person who started it, with what to do.</summary>
internal sealed class LaunchException(string message, Exception? cause = null) : Exception(message, cause);
