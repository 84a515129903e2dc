namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>What a file that is not UTF-8 looks like, with a way to make it so.</summary>
/// <param name="LooksLike">Its encoding, or what it is instead of text.</param>
/// <param name="Fix">What a person does with it.</param>
internal sealed record ForeignFile(string LooksLike, string Fix)
{
    private static readonly (byte[] Begins, ForeignFile File)[] Known =
    [
        // byte order marks
        ([0xFF, 0xFE], TextIn("UTF-16")),
        ([0xFE, 0xFF], TextIn("UTF-16")),
        ("PK\x03"u8.ToArray(), new("an Excel workbook (or another ZIP file)", Saved)),
        ([0xD0, 0xCF, 0x11], new("an Excel workbook of before 2007", Saved)),
        ([0x1F, 0x8B], new("a gzip file", "Unpack it: gunzip FILE.")),
    ];

    private const string Saved = "Save it as \"CSV UTF-8 (Comma delimited)\" and send that.";

    /// <summary>By how a file begins; null where it may be text.</summary>
    public static ForeignFile? Of(ReadOnlySpan<byte> begins)
    {
        foreach (var (known, file) in Known)
        {
            if (begins.StartsWith(known))
            {
                return file;
            }
        }

        return null;
    }

    /// <summary>Bytes that are no UTF-8 do not say of which encoding they are: a wrong guess would make other names of those in the file.</summary>
    public static ForeignFile OfText { get; } = new(
        "text in an older encoding, such as windows-1252 (Western Europe), windows-1250 (Central Europe), windows-1251 (Cyrillic) or Shift_JIS",
        "Save it as UTF-8 (Excel: \"CSV UTF-8 (Comma delimited)\"), or convert it from the encoding that its program wrote "
        + "(iconv -f ENCODING -t UTF-8 FILE > NEW) and look at a name in it.");

    /// <summary>By where the first NUL stands, from 0: of the two bytes of a common letter one is NUL.</summary>
    public static ForeignFile OfHalf(long at) => TextIn(at % 2 == 0 ? "UTF-16BE" : "UTF-16LE");

    private static ForeignFile TextIn(string encoding) => new(
        encoding,
        $"Save it as UTF-8 (Excel: \"CSV UTF-8 (Comma delimited)\"), or convert it: iconv -f {encoding.ToUpperInvariant()} -t UTF-8 FILE > NEW.");
}
