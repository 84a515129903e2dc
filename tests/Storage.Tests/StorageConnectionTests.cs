namespace ZohoPlatform.Storage.Tests;

/// <summary>What a service takes of its server's connections.</summary>
public sealed class StorageConnectionTests
{
    [Theory]
    [InlineData("", 51, 16, 25, 8)]
    [InlineData(";Maximum Pool Size=40", 21, 6, 10, 3)]
    [InlineData(";Maximum Pool Size=5", 1, 1, 2, 1)]
    public void Pools_share_what_the_setting_allows(string setting, int contexts, int statements, int workContexts, int workStatements)
    {
        var connection = new StorageConnection("notes", "Host=127.0.0.1;Database=notes" + setting);

        Assert.Equal(new PoolSizes(contexts, statements), connection.Requests);
        Assert.Equal(new PoolSizes(workContexts, workStatements), connection.Work);
        Assert.Equal(connection.Builder.MaxPoolSize, contexts + statements + workContexts + workStatements);
    }

    [Fact]
    public void A_setting_that_leaves_one_of_them_without_a_connection_is_refused_by_name()
    {
        var refused = Assert.Throws<InvalidOperationException>(
            () => new StorageConnection("notes", "Host=127.0.0.1;Database=notes;Maximum Pool Size=4"));

        Assert.StartsWith("ConnectionStrings:notes says Maximum Pool Size=4: a service needs 5", refused.Message, StringComparison.Ordinal);
    }
}
