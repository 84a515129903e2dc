namespace ZohoPlatform.CampaignsService.Syncs.Sources;

/// <summary>How much of a source is taken.</summary>
internal static class SourceLimits
{
    public const long Bytes = 256L * 1024 * 1024;

    // all uploads that are kept, as they are counted
    public const long BytesOfATenant = 2L * 1024 * 1024 * 1024;

    public const long Rows = 1_000_000;
    public const int RowBytes = 64 * 1024;
    public const int Columns = 200;
    public const int ColumnName = 500;
}
