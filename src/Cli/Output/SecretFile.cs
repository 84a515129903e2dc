using System.Text.Json.Serialization.Metadata;
using ZohoPlatform.Cli.Input;

namespace ZohoPlatform.Cli.Output;

/// <summary>
/// Takes a secret that the gateway gives once: a new file for its owner alone, or standard output where that was asked for. Made before the gateway
/// is asked, so that no secret is given which has no place.
/// </summary>
internal sealed class SecretFile : IAsyncDisposable
{
    private readonly FileInfo _file;
    private readonly Stream _stream;
    private bool _isWritten;

    private SecretFile(FileInfo file, Stream stream) => (_file, _stream) = (file, stream);

    public static SecretFile Create(FileInfo file)
    {
        if (TargetFile.IsStandardOutput(file))
        {
            return new SecretFile(file, Console.OpenStandardOutput());
        }

        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new SecretFile(file, new FileStream(file.FullName, create));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = Path.Exists(file.FullName) && !Directory.Exists(file.FullName)
                ? "it is there already, and a secret overwrites nothing: name another one"
                : FileTrouble.Of(e, file.FullName);
            throw new CommandFailure("file_unwritable", $"{file} cannot be written: {why}. Nothing was changed.");
        }
    }

    /// <param name="secret">A line of it.</param>
    /// <param name="remedy">What to do where it cannot be written now, as a sentence: the secret is lost then.</param>
    public async Task WriteAsync(string secret, string remedy)
    {
        try
        {
            await using var writer = new StreamWriter(_stream, leaveOpen: true);
            await writer.WriteAsync(secret + "\n");
            await writer.FlushAsync();
            _isWritten = true;
        }
        catch (IOException e)
        {
            throw new CommandFailure("secret_lost", $"{_file} cannot be written: {FileTrouble.Of(e, _file.FullName)}. The secret is lost. {remedy}");
        }
    }

    /// <summary>Says what was made and where its secret is; where standard output has the secret, to people alone.</summary>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="made">The same for machines.</param>
    /// <param name="type">Of it.</param>
    /// <param name="sentence">What was made.</param>
    /// <param name="secret">What is in the file, where the sentence speaks of more.</param>
    public void Tell<T>(Terminal terminal, T made, JsonTypeInfo<T> type, string sentence, string secret = "It")
    {
        if (TargetFile.IsStandardOutput(_file))
        {
            terminal.Note(sentence);
            return;
        }

        terminal.Document(made, type);
        terminal.Line(sentence);
        terminal.Line($"{secret} is in {_file}, readable by you alone, and nowhere else: it is not given again.");
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        if (!_isWritten && _stream is FileStream)
        {
            _file.Delete();
        }
    }
}
