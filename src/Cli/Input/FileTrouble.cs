namespace ZohoPlatform.Cli.Input;

/// <summary>Why a file cannot be read or written, as the end of a sentence.</summary>
internal static class FileTrouble
{
    public static string Of(Exception exception, string path) => exception switch
    {
        _ when Directory.Exists(path) => "it is a folder: name a file in it",
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such folder",
        UnauthorizedAccessException => "look at its permissions",
        PathTooLongException => "its name is too long",
        _ => exception.Message.TrimEnd('.'),
    };
}
