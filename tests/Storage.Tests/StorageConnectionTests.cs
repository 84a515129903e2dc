using Npgsql;

namespace ZohoPlatform.Storage.Tests;

/// <summary>What a service takes of its server's connections.</summary>
public sealed class StorageConnectionTests
{
    [Theory]
    [InlineData("", 75, 25)]
    [InlineData(";Maximum Pool Size=40", 30, 10)]
    [InlineData(";Maximum Pool Size=2", 1, 1)]
    public void Two_pools_share_what_the_setting_allows(string setting, int contexts, int statements)
    {
        var connection = new StorageConnection("notes", "Host=127.0.0.1;Database=notes" + setting);

        Assert.Equal(
            (contexts, statements),
            (connection.Builder.MaxPoolSize, new NpgsqlConnectionStringBuilder(connection.WithoutReset).MaxPoolSize));
    }
}
